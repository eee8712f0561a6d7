using Microsoft.Extensions.Logging;
using Sparkish.Rpc.Deployment;
using Sparkish.Rpc.Handshakes;
using Sparkish.Rpc.Local;
using Sparkish.Rpc.Transport.Frames;

namespace Sparkish.Rpc.Transport;

/// <summary>The shared state of one env's connections.</summary>
internal sealed class TransportContext
{
    public required NodeRpcEnv Env { get; init; }

    public required TransportOptions Options { get; init; }

    /// <summary>The state that channels need until their handshake completes.</summary>
    public required ChannelContext Channels { get; init; }

    public required MessageFormat Format { get; init; }

    public required IDialler Dialler { get; init; }

    /// <summary>Whether this env opens connections.</summary>
    public bool Dials { get; init; } = true;

    /// <summary>The memory limit of all connections together.</summary>
    public required TransportBudget Budget { get; init; }

    /// <summary>Observes every frame that is sent; null unless a simulation keeps a trace.</summary>
    public IFrameObserver? Observer { get; init; }

    /// <summary>The thread that pings and relieves slow turns; null in simulation, where nothing is slow.</summary>
    public TransportThread? Thread { get; init; }

    /// <summary>Whether a sender may write to a quiet connection itself.</summary>
    public bool SendsInline => Thread is not null;

    /// <summary>The clock for keep-alives, which a busy pool must not delay.</summary>
    public TimeProvider BeatTime => Thread is not null && Env.Time == TimeProvider.System ? Thread.Time : Env.Time;

    public ILogger Log => Channels.Log;

    public OwnedTasks Tasks => Channels.Tasks;

    /// <summary>Set when unfinished connections must end.</summary>
    public CancellationToken Stopping => Channels.Stopping;

    public Dispatcher Dispatcher => Env.Dispatcher;

    public TurnScheduler Scheduler => Env.Scheduler;

    /// <summary>The context in which codecs read messages, with the user types that these may carry.</summary>
    public DeploymentTypes Types => Env.DeploymentTypes;
}

/// <summary>Observes incoming messages, in order.</summary>
internal interface IFrameObserver
{
    /// <summary>A frame is about to be handed over.</summary>
    void Received(RpcAddress peer, FrameKind kind, string receiver, object? message, ReadOnlySpan<byte> frame);
}
