class A {
  String todo = "TODO: later"; // the list
}
