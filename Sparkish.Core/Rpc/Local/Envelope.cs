using System.Runtime.ExceptionServices;

namespace Sparkish.Rpc.Local;

/// <summary>One entry of an inbox and the link to the next one; belongs to one inbox at a time.</summary>
internal abstract class Envelope
{
    public Envelope? Next;

    /// <summary>Passes the content to the endpoint; an exception is passed to <see cref="Fail"/> and to the endpoint's OnError.</summary>
    public abstract void Deliver(RpcEndpoint endpoint);

    /// <summary>The handler threw.</summary>
    public virtual void Fail(Exception error) { }

    /// <summary>The endpoint is gone.</summary>
    public virtual void Refuse(Dispatcher dispatcher, LocalEndpointRef receiver) { }

    /// <summary>Releases the content after it was handled: the entry remains the head of the queue until the next one is taken.</summary>
    public virtual void Clear() { }

    /// <summary>Whether it is a message that was not handled yet; for metrics.</summary>
    public virtual bool IsWaiting => false;

    /// <summary>Another owner besides the inbox holds the entry, and will call <see cref="Released"/> once more.</summary>
    public virtual void Retain() { }

    /// <summary>Called when the inbox no longer uses the entry.</summary>
    public virtual void Released() { }
}

/// <summary>The message that was sent.</summary>
internal sealed class SendEnvelope(object message) : Envelope
{
    private object? _message = message;

    public override bool IsWaiting => _message is not null;

    public override void Deliver(RpcEndpoint endpoint) => endpoint.Receive(_message!);

    public override void Refuse(Dispatcher dispatcher, LocalEndpointRef receiver) => dispatcher.ReportUndelivered(_message!, receiver.Name, sender: null);

    public override void Clear() => _message = null;
}

/// <summary>
/// A framework event for one instance of the endpoint: a network event, a timer, a termination. A successor after a restart does not receive it.
/// </summary>
internal sealed class EventEnvelope(Inbox inbox, int generation, Action<RpcEndpoint> deliver) : Envelope
{
    private Action<RpcEndpoint>? _deliver = deliver;

    public override bool IsWaiting => _deliver is not null;

    public override void Deliver(RpcEndpoint endpoint)
    {
        if (inbox.Generation == generation) _deliver!(endpoint);
    }

    public override void Clear() => _deliver = null;
}

/// <summary>An error of a task or an <c>async void</c> method of one instance. If the instance is gone, the error is only reported.</summary>
internal sealed class ErrorEnvelope(Inbox inbox, RpcEndpoint instance, Exception error) : Envelope
{
    private RpcEndpoint? _instance = instance;

    public override void Deliver(RpcEndpoint endpoint)
    {
        if (ReferenceEquals(endpoint, _instance)) ExceptionDispatchInfo.Throw(error);
        inbox.Report(error);
    }

    public override void Refuse(Dispatcher dispatcher, LocalEndpointRef receiver) => inbox.Report(error);

    public override void Clear() => _instance = null;
}

/// <summary>An action of the inbox itself between two messages, exclusive even in a concurrent endpoint: start, restart, stop.</summary>
internal sealed class StepEnvelope(Action<Inbox> step) : Envelope
{
    private static readonly Action<Inbox> Start = static inbox => inbox.StartInstance();
    private static readonly Action<Inbox> Stop = static inbox => inbox.Finish();

    public static StepEnvelope ToStart() => new(Start);

    public static StepEnvelope ToStop() => new(Stop);

    public void Do(Inbox inbox) => step(inbox);

    public override void Deliver(RpcEndpoint endpoint) => throw new InvalidOperationException("A step belongs to the inbox.");
}

/// <summary>The first head of a queue.</summary>
internal sealed class StubEnvelope : Envelope
{
    public override void Deliver(RpcEndpoint endpoint) => throw new InvalidOperationException("The stub is never handled.");
}
