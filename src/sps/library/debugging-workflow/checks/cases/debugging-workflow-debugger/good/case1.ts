const debuggerUrl = "debugger;";
// debugger;
