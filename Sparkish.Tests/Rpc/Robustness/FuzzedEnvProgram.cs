using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Sparkish.Rpc;
using Sparkish.Rpc.Bulk;
using Sparkish.Serialization.Messages;
using Sparkish.Serialization.Types;
using Sparkish.Tests.Security;

namespace Sparkish.Tests.Rpc.Robustness;

/// <summary>A message that holds others of its type, as deep as a peer likes.</summary>
public sealed record Nested(int Number, Nested? Inner);

/// <summary>The process under fire: one env, alone, so that its memory and sockets can be measured. It ends when its standard input does.</summary>
internal static partial class FuzzedEnvProgram
{
    public static MessageRegistry Messages { get; } =
        new MessageRegistry().Add<Note>(100).Add<Blob>(101).Add<CallMe>(102).Add<Counted>(103).Add<Nested>(104);

    /// <summary>A peer that connects and stays silent is disconnected within this time.</summary>
    public static TimeSpan ConnectionTimeout { get; } = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(string? secret)
    {
        using var log = new CountedLines();
        var conf = secret is null ? new SparkConf(false) : AuthenticationTests.Conf(secret);
        conf.Set("spark.rpc.io.connectionTimeout", $"{ConnectionTimeout.TotalSeconds}s");
        await using (var env = Envs.New(new RpcEnvOptions("fuzzed", conf, Messages) { LoggerFactory = log, UserTypes = TypeBinder.Application }))
        {
            env.Bulk.Register("a", new Hello());
            env.SetupEndpoint("e", new FuzzedEndpoint(log));
            Console.WriteLine($"address {env.Address}");
            await Console.In.ReadToEndAsync();
        }

        foreach (var (line, count) in log.Kinds.OrderByDescending(kind => kind.Value)) Console.WriteLine($"logged {count} times: {line}");
        Console.WriteLine("ended");
    }

    private sealed class Hello : IBulkSource
    {
        public BulkContent Open(string path) => new BulkContent().Add("hello"u8.ToArray());
    }

    /// <summary>Counts warnings and errors, and keeps each kind of line once: without numbers and what peers made up.</summary>
    internal sealed partial class CountedLines : ILoggerFactory, ILogger
    {
        private const int MaxKinds = 500;

        private int _warnings;
        private int _errors;

        public int Warnings => _warnings;

        public int Errors => _errors;

        public ConcurrentDictionary<string, int> Kinds { get; } = new(StringComparer.Ordinal);

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) { }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel < LogLevel.Warning) return;
            if (logLevel == LogLevel.Warning) Interlocked.Increment(ref _warnings);
            else Interlocked.Increment(ref _errors);
            var kind = Numbers().Replace($"{logLevel} {formatter(state, exception)} {exception}", "#");
            if (Kinds.Count < MaxKinds || Kinds.ContainsKey(kind)) Kinds.AddOrUpdate(kind, 1, (_, count) => count + 1);
        }

        public void Dispose() { }

        [GeneratedRegex(@"-?\d+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
        private static partial Regex Numbers();
    }

    /// <summary>Answers the healthy client, and tells the test how the env fares.</summary>
    private sealed class FuzzedEndpoint(CountedLines log) : RpcEndpoint
    {
        private readonly List<RpcCallContext> _waiting = [];
        private int _connections;

        public override void Receive(object message)
        {
            // Whatever a fuzzer brings through is as good as any other.
        }

        public override void ReceiveAndReply(object message, RpcCallContext call)
        {
            switch (message)
            {
                case Note { Sender: "healthy" } note: call.Reply(note with { Number = note.Number * 31 }); break;
                case Note { Sender: "status" }: call.Reply(new FuzzedEnvStatus(_connections, log.Warnings, log.Errors, Counted.Made).ToString()); break;
                case Note { Sender: "alone" }: OnAlone(call); break;
                case Note { Sender: "ignored" }: break;
                default: call.Reply("anything"); break;
            }
        }

        public override void OnConnected(RpcAddress remote) => _connections++;

        public override void OnDisconnected(RpcAddress remote)
        {
            _connections--;
            if (_connections > 1) return;
            foreach (var call in _waiting) call.Reply(true);
            _waiting.Clear();
        }

        private void OnAlone(RpcCallContext call)
        {
            if (_connections == 1) call.Reply(true);
            else _waiting.Add(call);
        }
    }
}

/// <summary>How the env under fire fares.</summary>
internal sealed record FuzzedEnvStatus(int Connections, int Warnings, int Errors, int CountedMade)
{
    public override string ToString() => $"{Connections} {Warnings} {Errors} {CountedMade}";

    public static FuzzedEnvStatus Parse(string text)
    {
        var numbers = text.Split(' ').Select(number => int.Parse(number, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        return new FuzzedEnvStatus(numbers[0], numbers[1], numbers[2], numbers[3]);
    }
}
