class A {
    void sync(PrintWriter out) {
        try {
            push();
        } catch (IOException e) {
            log.error("push failed", e);
            e.printStackTrace(out);
        }
    }
}
