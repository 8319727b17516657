class A {
    boolean run(int count, char c) {
        return ("a" + count == null) || c == 'x' || map.get("a") == map.get("b");
    }
}
