exportReport(report, true);
