class A {
    void loop() {
        while (true) {
            try {
                work();
            } catch (InterruptedException e) {
                return;
            } catch (IOException e) {
                log.warn("failed", e);
            }
        }
    }
}
