interface B {
  String make(String a, String b, String c, String d, String e, String f, final String g, String h);
}
