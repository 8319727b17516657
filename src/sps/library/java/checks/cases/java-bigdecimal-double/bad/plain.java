class A {
    BigDecimal rate = new BigDecimal(0.19);
}
