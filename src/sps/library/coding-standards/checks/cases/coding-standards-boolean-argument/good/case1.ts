exportReport(report, { overwrite: true });
enable(true);
