const enum Level { Low, High }
