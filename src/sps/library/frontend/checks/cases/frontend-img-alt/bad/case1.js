const a = <img src="/cat.png" />;
