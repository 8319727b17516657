const c = <input type="hidden" name="csrf" value={t} />;
const d = <input aria-label="Search" />;
const e = <input {...register("mail")} />;
const f = <input type="submit" value="Go" />;
