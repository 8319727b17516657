class A {
    BigDecimal rate() {
        return BigDecimal.valueOf(0.19).add(new BigDecimal(19));
    }
}
