tasks.withType<JavaCompile> {
    options.compilerArgs.add("-nowarn")
}
