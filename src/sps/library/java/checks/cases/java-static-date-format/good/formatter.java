class A {
    private static final DateTimeFormatter DAY = DateTimeFormatter.ISO_LOCAL_DATE;
}
