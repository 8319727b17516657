class Outer {
    @Override
    public int hashCode() { return 1; }

    static final class Key {
        public boolean equals(final Object o) { return o instanceof Key; }
    }
}
