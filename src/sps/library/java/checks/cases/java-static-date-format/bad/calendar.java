class A {
    static Calendar calendar = Calendar.getInstance();
}
