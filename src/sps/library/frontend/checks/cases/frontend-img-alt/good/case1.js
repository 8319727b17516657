const a = <img src="/line.png" alt="" />;
