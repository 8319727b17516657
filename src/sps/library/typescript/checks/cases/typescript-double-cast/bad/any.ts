run((input as any) as Options);
use(input as any as Options);
