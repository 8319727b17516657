class A {
    boolean admin(String role) {
        return role == "admin";
    }
}
