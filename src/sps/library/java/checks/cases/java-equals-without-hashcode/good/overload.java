class A {
    public boolean equals(A other, double delta) { return true; }
    static boolean equals(Object a) { return false; }
    boolean same(Object o) { return equals(o); }
}

class Names extends AbstractSet<String> {
    public boolean equals(Object o) { return super.equals(o); }
}
