namespace Sparkish.Tests.Closures;

/// <summary>Lambdas that let go of the object around them: it is sent whole.</summary>
internal static class EscapeShapes
{
    public static IEnumerable<Shape> Make() => new Node("n", 3).Make();

    private sealed class Node(string name, int weight)
    {
        private readonly List<Node> _known = [];
        private Node? _next;

        public string Name => name;

        public int Weight => weight;

        public IEnumerable<Shape> Make()
        {
            var me = this;
            var own = 1;
            var child = new Node("c", 2) { _next = this };
            return
            [
                new("whole: passes this to a method", (int x) => Describe(this) + x, "n4"),
                new("whole: returns this", (int x) => Self().Weight + x, "7"),
                new("whole: stores this", (int x) => { _next = this; return _next.Weight + x; }, "7"),
                new("whole: adds this to a list", (int x) => { _known.Add(this); return _known[0].Weight + x; }, "7"),
                new("whole: locks on this", Locked(), "7"),
                new("whole: this is also a captured variable", (int x) => Weight + me.Name.Length + x + own, "9"),
                new("whole: this is also within something captured", (int x) => child._next == this ? Weight + x : 0, "7"),
                new("whole: an extension method of this", (int x) => this.Described() + x, "n4"),
                new("whole: a record with other members", new Copied(1, "c").Make(), "c5"),
            ];
        }

        private static string Describe(Node node) => node.Name;

        private Node Self() => this;

        private Delegate Locked() => (int x) =>
        {
            lock (this) return x + weight;
        };
    }

    private static string Described(this Node node) => node.Name;

    private sealed record Copied(int Id, string Name)
    {
        public Delegate Make() => (int x) => (this with { Id = x + 1 }) is var (id, name) ? name + id : "";
    }
}
