using Microsoft.Extensions.Logging;
using Sparkish.Rpc.Deployment;
using Sparkish.Rpc.Handshakes;
using Sparkish.Rpc.Local;
using Sparkish.Rpc.Transport.Frames;

namespace Sparkish.Rpc.Transport;

/// <summary>What the connections of one env share.</summary>
internal sealed class TransportContext
{
    public required NodeRpcEnv Env { get; init; }

    public required TransportOptions Options { get; init; }

    /// <summary>What channels need until their handshake is done.</summary>
    public required ChannelContext Channels { get; init; }

    public required MessageFormat Format { get; init; }

    public required IDialler Dialler { get; init; }

    /// <summary>Whether this env makes connections.</summary>
    public bool Dials { get; init; } = true;

    /// <summary>The memory that all connections may take together.</summary>
    public required TransportBudget Budget { get; init; }

    /// <summary>Sees every frame that is handed over; null unless a simulation keeps a trace.</summary>
    public IFrameObserver? Observer { get; init; }

    /// <summary>The thread that pings and relieves slow turns; null in simulation, where nothing is slow.</summary>
    public TransportThread? Thread { get; init; }

    /// <summary>Whether a sender may write to a quiet connection itself.</summary>
    public bool SendsInline => Thread is not null;

    /// <summary>The clock for signs of life, which a busy pool must not delay.</summary>
    public TimeProvider BeatTime => Thread is not null && Env.Time == TimeProvider.System ? Thread.Time : Env.Time;

    public ILogger Log => Channels.Log;

    public OwnedTasks Tasks => Channels.Tasks;

    /// <summary>Set when connections that are not made yet are to end.</summary>
    public CancellationToken Stopping => Channels.Stopping;

    public Dispatcher Dispatcher => Env.Dispatcher;

    public TurnScheduler Scheduler => Env.Scheduler;

    /// <summary>What codecs need to read messages, and which user types these may carry.</summary>
    public DeploymentTypes Types => Env.DeploymentTypes;
}

/// <summary>Sees what arrives, in order.</summary>
internal interface IFrameObserver
{
    /// <summary>A frame is about to be handed over.</summary>
    void Received(RpcAddress peer, FrameKind kind, string receiver, object? message, ReadOnlySpan<byte> frame);
}
