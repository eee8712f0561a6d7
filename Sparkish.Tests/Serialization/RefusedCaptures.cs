using System.Data;
using System.Data.Common;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Sparkish.Tests.Serialization;

/// <summary>Calls of operations with functions that capture what cannot be sent, by what it is.</summary>
internal static class RefusedCaptures
{
    [SuppressMessage("Reliability", "CA2000", Justification = "Nothing of it is ever opened or started.")]
    public static IEnumerable<(string Name, Action Call)> Of(SparkContext sc)
    {
        var numbers = sc.Parallelize(new[] { 1, 2, 3 });
        var other = sc.Parallelize(new[] { 4 });
        var rdds = new[] { other };
        var socket = new TcpClient();
        var stream = new MemoryStream();
        var reader = new StringReader("text");
        var writer = new StringWriter();
        var http = new HttpClient();
        DbConnection database = new NoConnection();
        var logs = LoggerFactory.Create(_ => { });
        var log = logs.CreateLogger("app");
        var task = Task.FromResult(1);
        var valueTask = new ValueTask<int>(task);
        var source = new CancellationTokenSource();
        var token = source.Token;
        var thread = Thread.CurrentThread;
        var gate = new SemaphoreSlim(1);
        var mutex = new Mutex();
#pragma warning disable CS9216 // as an object, for its type alone
        object exclusive = new Lock();
#pragma warning restore CS9216
        var timer = new Timer(_ => { });
        var clock = new System.Timers.Timer();
        var process = new Process();
        var file = new FileInfo("data.txt");
        var files = new List<Stream> { stream };
        var local = new ThreadLocal<int>();
        var query = Enumerable.Range(0, 5).Where(x => x > 1);
        var handle = (nint)5;
        var guarded = new Guarded();
        var compiled = ((Expression<Func<int, int>>)(x => x + 1)).Compile();
        var services = new NoServices();
        IServiceProvider provider = services;
        var report = new Report(sc, numbers, stream);

        return
        [
            ("another RDD", () => numbers.Map(x => other.Count() * x)),
            ("an array of RDDs", () => numbers.Filter(x => rdds[0].Count() > x)),
            ("the SparkContext", () => numbers.Map(x => sc.Parallelize(new[] { x }).Count())),
            ("an RDD in a field that the function uses", report.UseRdd),
            ("the SparkContext in a field of this, which escapes", report.Escape),
            ("a stream in a field that the function uses", report.UseStream),
            ("a stream that a method of this uses", report.CallMethod),
            ("a socket", () => numbers.Map(x => x + socket.Available)),
            ("a stream", () => numbers.Filter(x => x > stream.Length)),
            ("a list of streams", () => numbers.FlatMap(x => new[] { x + files.Count })),
            ("a text reader", () => numbers.Map(_ => reader.ReadLine())),
            ("a text writer", () => numbers.MapPartitions(items => { writer.Write(items.Count()); return items; })),
            ("an HTTP client", () => numbers.Map(x => http.Timeout.Seconds + x)),
            ("a database connection", () => numbers.MapPartitions(items => { database.Open(); return items; })),
            ("a logger", () => numbers.Map(x => { log.Log(LogLevel.Information, default, x, null, (n, _) => $"{n}"); return x; })),
            ("a logger factory", () => numbers.Map(x => { logs.CreateLogger("app"); return x; })),
            ("a service provider", () => numbers.Map(x => provider.GetService(typeof(int)) is null ? x : 0)),
            ("a task", () => numbers.Map(x => task.Result + x)),
            ("a value task", () => numbers.Map(x => valueTask.IsCompleted ? x : 0)),
            ("a cancellation token", () => numbers.Filter(_ => !token.IsCancellationRequested)),
            ("a source of cancellation", () => numbers.Filter(_ => !source.IsCancellationRequested)),
            ("a thread", () => numbers.Map(x => thread.ManagedThreadId + x)),
            ("a lock", () => numbers.Map(x => exclusive.ToString() + x)),
            ("a semaphore", () => numbers.Map(x => gate.CurrentCount + x)),
            ("a mutex", () => numbers.Map(x => { mutex.WaitOne(); return x; })),
            ("a timer", () => numbers.Map(x => timer.Change(x, x))),
            ("a timer with events", () => numbers.Map(x => clock.Interval + x)),
            ("a process", () => numbers.Map(x => process.Id + x)),
            ("a file", () => numbers.Map(x => file.Length + x)),
            ("a variable of each thread", () => numbers.Map(x => local.Value + x)),
            ("a query that has not run", () => numbers.Map(x => query.Count() + x)),
            ("a handle", () => numbers.Map(x => handle + x)),
            ("a compiled expression", () => numbers.Map(x => compiled(x))),
            ("a compiled expression as the function", () => numbers.Map(compiled)),
            ("an object with a finalizer", () => numbers.Map(x => guarded.Weight + x)),
            ("a method of the framework that reaches out", () => numbers.Map(x => $"{x}").Filter(File.Exists)),
            ("a method of a stream", () => numbers.Reduce(((Func<int, int, int>)new Total(stream).Add).Invoke)),
        ];
    }

    private sealed class Report(SparkContext sc, Rdd<int> numbers, Stream output)
    {
        public void UseRdd() => numbers.Map(x => x + numbers.Count());

        public void UseStream() => numbers.Map(x => x + output.Length);

        public void CallMethod() => numbers.Map(x => Write(x));

        public void Escape() => numbers.Map(x => Name(this) + x);

        private static string Name(Report report) => report.ToString()!;

        private int Write(int x)
        {
            output.WriteByte((byte)x);
            return x;
        }

        public override string ToString() => $"{sc.GetHashCode()}";
    }

    private sealed class Guarded
    {
        public int Weight => 7;

#pragma warning disable MA0055 // it is what is refused
        ~Guarded() => GC.KeepAlive(this);
#pragma warning restore MA0055
    }

    private sealed class Total(Stream stream)
    {
        public int Add(int a, int b) => a + b + (int)stream.Length;
    }

    private sealed class NoServices : IServiceProvider
    {
        private readonly Dictionary<Type, Lazy<object>> _known = new() { [typeof(string)] = new Lazy<object>(() => "") };

        public object? GetService(Type serviceType) => _known.GetValueOrDefault(serviceType)?.Value;
    }

    private sealed class NoConnection : DbConnection
    {
        [AllowNull]
        public override string ConnectionString { get; set; } = "";

        public override string Database => "";

        public override string DataSource => "";

        public override string ServerVersion => "";

        public override ConnectionState State => ConnectionState.Closed;

        public override void ChangeDatabase(string databaseName) => throw new NotSupportedException();

        public override void Close() => throw new NotSupportedException();

        public override void Open() => throw new NotSupportedException();

        protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) => throw new NotSupportedException();

        protected override DbCommand CreateDbCommand() => throw new NotSupportedException();
    }
}
