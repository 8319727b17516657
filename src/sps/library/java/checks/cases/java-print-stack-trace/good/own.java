class A extends RuntimeException {
    @Override
    public void printStackTrace() {
        super.printStackTrace();
    }
}
