using Sparkish.Rpc;

namespace Sparkish.Tests.App;

/// <summary>Adds to the counter; answered by a <see cref="Count"/>.</summary>
public sealed record Add(int Amount, string Note);

/// <summary>What the counter counted, and in which process.</summary>
public sealed record Count(int Value, IReadOnlyList<string> Notes, int ProcessId, int Instance);

/// <summary>Makes the counter fail.</summary>
public sealed record Fail(string Why);

/// <summary>Asks whether an assembly is loaded in the counter's process; answered by a bool.</summary>
public sealed record IsLoaded(string Assembly);

/// <summary>Sent to who listens when a counter starts and for each <see cref="Add"/>.</summary>
public sealed record Heard(string What);

/// <summary>Counts; a failure makes it start afresh.</summary>
public sealed class Counter(int start, List<string> notes, RpcEndpointRef? listener) : RpcEndpoint
{
    private static int _instances;

    private readonly int _instance = Interlocked.Increment(ref _instances);
    private int _value = start;

    /// <inheritdoc/>
    public override void OnStart() => listener?.Send(new Heard("started"));

    /// <inheritdoc/>
    public override void Receive(object message)
    {
        switch (message)
        {
            case Add m: OnAdd(m); break;
            case Fail m: throw new InvalidOperationException(m.Why);
            default: base.Receive(message); break;
        }
    }

    /// <inheritdoc/>
    public override void ReceiveAndReply(object message, RpcCallContext call)
    {
        switch (message)
        {
            case Add m:
                OnAdd(m);
                call.Reply(new Count(_value, [.. notes], Environment.ProcessId, _instance));
                break;
            case IsLoaded m:
                call.Reply(AppDomain.CurrentDomain.GetAssemblies().Any(assembly => assembly.GetName().Name == m.Assembly));
                break;
            default: base.ReceiveAndReply(message, call); break;
        }
    }

    /// <inheritdoc/>
    public override ErrorDirective OnError(Exception error) => ErrorDirective.Restart;

    private void OnAdd(Add message)
    {
        _value += message.Amount;
        notes.Add(message.Note);
        listener?.Send(new Heard(message.Note));
    }
}

/// <summary>Makes props here, so that their lambdas belong to this assembly.</summary>
public static class Props
{
    /// <summary>A counter.</summary>
    public static EndpointProps Counter(int start, RpcEndpointRef? listener = null)
    {
        var notes = new List<string> { $"from {start}" };
        return new EndpointProps(() => new Counter(start, notes, listener));
    }

    /// <summary>A factory that throws.</summary>
    public static EndpointProps Broken(string why) => new(() => throw new InvalidOperationException(why));

    /// <summary>A factory that captures what cannot be sent.</summary>
    public static EndpointProps Unserializable()
    {
        var stream = new MemoryStream();
        return new EndpointProps(() => new Counter((int)stream.Length, [], null));
    }
}
