public class OrderId {
    private final String text;

    @Override
    public boolean equals(Object other) {
        return other instanceof OrderId id && id.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }
}
