class A {
    BigDecimal rate() {
        return new BigDecimal(-1.1, MathContext.DECIMAL64);
    }
}
