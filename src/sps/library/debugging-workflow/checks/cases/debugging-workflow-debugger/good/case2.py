# breakpoint() stops here
hook = breakpoint
line = debugger.set_trace_line(3)
