namespace Sparkish.Tests.Closures;

/// <summary>Lambdas in a class with a connection that cannot be sent: only the members that they use go with them.</summary>
internal static class ThisShapes
{
    public static IEnumerable<Shape> Make()
    {
        using var connection = new Connection();
        var job = new Job(3, connection);
        return job.Make();
    }

    private abstract class Stage(int factor, Connection connection)
    {
        protected readonly string Label = "job";

        public Connection Connection { get; } = connection;

        protected virtual int Weigh(int x) => x * factor;

        protected abstract int Shift(int x);

        protected virtual int Unused(int x) => (int)Connection.Length + x;

        public long Size => Connection.Length;
    }

    private interface INamed
    {
        string Name { get; }

        int Rank();
    }

    private sealed class Job : Stage, INamed
    {
        private readonly int _offset = 3;
        private readonly Settings _settings = new();
        private readonly Func<int, int> _step;
        private readonly Func<int, int> _fromInitializer = static x => x + 1;
        private readonly Func<int, int>[] _steps;
        private readonly List<(string Name, Func<int, int> Step)> _named;
        private readonly object _gate = new();
        private readonly int[] _table = [10, 20, 30];
        private int _count;
        private int _raised;

        public Job(int factor, Connection connection) : base(factor, connection)
        {
            var own = factor;
            _step = x => x + _offset + own;
            _steps = [x => x + own, x => x * _offset];
            _named = [("first", x => x - own)];
            InConstructor = (int x) => x + own + _offset;
            Changed += (_, _) => _raised++;
        }

        public event EventHandler? Changed;

        public string Name => Label + _offset;

        private Delegate InConstructor { get; }

        private int Total { get; } = 40;

        private Func<int, int> Property => x => x + Total;

        int INamed.Rank() => _offset;

        private int this[int index] => _table[index];

        protected override int Weigh(int x) => base.Weigh(x) + 1;

        protected override int Shift(int x) => x + _offset;

        private static int Static(int x) => x + 1;

        public IEnumerable<Shape> Make()
        {
            var k = 5;
            Func<long> sibling = () => Connection.Length + k;
            int Local(int x) => x + _offset;
            int LocalWith(int x) => x + _offset + k;
            GC.KeepAlive(sibling);
            return
            [
                new("this: a field", (int x) => x + _offset, "7"),
                new("this: a field and a local", (int x) => x + _offset + k, "12"),
                new("this: no field at all", (int x) => Helper(x), "5"),
                new("this: a property", (int x) => Name + x, "job34"),
                new("this: an auto-property", (int x) => Total + x, "44"),
                new("this: a lambda that a property makes", Property, "44"),
                new("this: an indexer", (int x) => this[x % 3] + x, "24"),
                new("this: a field of the base class", (int x) => Label + x, "job4"),
                new("this: a virtual method with a call of its base", (int x) => Weigh(x), "13"),
                new("this: a call of the base class alone", (int x) => base.Weigh(x), "12"),
                new("this: an abstract method of the base class", (int x) => Shift(x), "7"),
                new("this: an interface's method", (int x) => ((INamed)this).Rank() + x, "7"),
                new("this: an object in a field goes whole", (int x) => _settings.Numbers["a"] + x, "9"),
                new("this: a field that it changes", (int x) => { _count += x; return _count; }, "4"),
                new("this: an interlocked field", (int x) => Interlocked.Add(ref _count, x) - x, "4"),
                new("this: a lock on a field", Locked(), "7"),
                new("this: a function in a field", (int x) => _step(x), "10"),
                new("this: a function of the field's initializer", _fromInitializer, "5"),
                new("this: an array of functions in a field", (int x) => _steps[1](_steps[0](x)), "21"),
                new("this: a list of tuples with functions", (int x) => _named[0].Step(x) + _named[0].Name, "1first"),
                new("this: a lambda of the constructor", InConstructor, "10"),
                new("this: a lambda in a lambda", (int x) => new[] { 1, 2 }.Select(n => n + _offset + x), "[8, 9]"),
                new("this: a function that makes a function", Curried()(2), "9"),
                new("this: a local function", Local, "7"),
                new("this: a local function with a local", (int x) => LocalWith(x), "12"),
                new("this: a method as a function", Shift, "7"),
                new("this: a method as a function inside", (int x) => new[] { x }.Select(Shift), "[7]"),
                new("this: a query", (int x) => from n in _table where n > _offset + x select n / 10, "[1, 2, 3]"),
                new("this: a pattern on it", (int x) => this is { Total: > 1, Name: { Length: var n } } ? n + x : x, "8"),
                new("this: a comparison with it", (int x) => ReferenceEquals(this, null) || this == null ? 0 : x + _offset, "7"),
                new("this: in a variable of the lambda", (int x) => { var me = this; return me._offset + x; }, "7"),
                new("this: one of two objects", (int x) => (x > 100 ? null : this)?._offset + x, "7"),
                new("this: its type and its text", (int x) => GetType().Name + ToString()!.Length, "Job38"),
                new("this: an iterator", (int x) => Numbers(x), "[3, 4, 5, 6]"),
                new("this: an iterator with a finally block", (int x) => Guarded(x), "[0, 1, 2, 3]"),
                new("this: an async method", (int x) => LaterAsync(x), "7"),
                new("this: an async lambda", async (int x) => { await Task.Yield(); return x + _offset + await LaterAsync(k); }, "15"),
                new("this: an async iterator", (int x) => StreamAsync(x), "[3, 4, 5, 6]"),
                new("this: the event's handlers", (int x) => { Changed?.Invoke(null, EventArgs.Empty); return x + _raised; }, "5"),
                .. FromIterator(6),
                LambdaOfAsync(k).Result,
            ];
        }

        private static int Helper(int x) => Static(x);

        private Delegate Locked() => (int x) =>
        {
            lock (_gate) return x + _offset;
        };

        private Func<int, Func<int, int>> Curried() => y => x => x + y + _offset;

        private IEnumerable<int> Numbers(int count)
        {
            for (var i = 0; i < count; i++) yield return i + _offset;
        }

        private IEnumerable<int> Guarded(int count)
        {
            try
            {
                for (var i = 0; i < count; i++) yield return i;
            }
            finally
            {
                _count += _offset;
            }
        }

        private async Task<int> LaterAsync(int x)
        {
            await Task.Yield();
            return x + _offset;
        }

        private async IAsyncEnumerable<int> StreamAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                await Task.Yield();
                yield return i + _offset;
            }
        }

        private IEnumerable<Shape> FromIterator(int n)
        {
            var own = n + 1;
            yield return new("this: a lambda of an iterator", (int x) => x + own + _offset, "14");
        }

        private async Task<Shape> LambdaOfAsync(int n)
        {
            var own = n + 1;
            await Task.Yield();
            return new("this: a lambda of an async method", (int x) => x + own + _offset, "13");
        }
    }
}
