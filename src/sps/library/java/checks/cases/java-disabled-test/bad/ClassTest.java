@Ignore
public class ClassTest {
    @Test
    public void works() {}
}
