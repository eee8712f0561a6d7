using System.Diagnostics;

namespace Sparkish.Rpc.Local;

/// <summary>
/// Wraps an entry whose handling is a span. The span ends when the entry is cleared, so it also covers a handler that awaits. Listeners are user code: their
/// exceptions are reported and end the span.
/// </summary>
internal sealed class TracedEnvelope(LocalEndpointRef receiver, Envelope inner, Type message, ActivityContext parent) : Envelope
{
    private Activity? _activity;

    public override bool IsWaiting => inner.IsWaiting;

    public override void Deliver(RpcEndpoint endpoint)
    {
        var outer = Activity.Current;
        Activity.Current = null; // the activity of the turn's thread must not become the parent
        try
        {
            _activity = Start();
            inner.Deliver(endpoint);
        }
        finally
        {
            Activity.Current = outer;
        }
    }

    public override void Fail(Exception error)
    {
        _activity?.SetTag("error.type", error.GetType().FullName).SetStatus(ActivityStatusCode.Error);
        inner.Fail(error);
    }

    public override void Refuse(Dispatcher dispatcher, LocalEndpointRef receiver) => inner.Refuse(dispatcher, receiver);

    public override void Clear()
    {
        inner.Clear();
        if (_activity is not { } activity) return;
        _activity = null;
        var outer = Activity.Current;
        try
        {
            activity.Stop();
        }
        catch (Exception error)
        {
            Report(error);
        }

        Activity.Current = outer;
    }

    public override void Retain() => inner.Retain();

    public override void Released() => inner.Released();

    private Activity? Start()
    {
        try
        {
            return RpcTracing.Start(receiver, message, inner is AskEnvelope, parent);
        }
        catch (Exception error)
        {
            Report(error);
            return null;
        }
    }

    private void Report(Exception error) => (receiver.Env as NodeRpcEnv)?.ReportTracing(error);
}
