tasks.withType<JavaCompile> {
    // options.compilerArgs.add("-nowarn")
    options.compilerArgs.add("-Xlint:all")
}
