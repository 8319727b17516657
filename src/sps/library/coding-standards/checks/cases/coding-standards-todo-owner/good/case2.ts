const todo = "// TODO later"; // keeps a todo list
