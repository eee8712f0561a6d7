using Sparkish.Configuration;
using Sparkish.Rpc.Local;
using Sparkish.Rpc.Transport.Frames;

namespace Sparkish.Rpc.Transport;

/// <summary>The settings of a network env, checked once at its start.</summary>
internal sealed record TransportOptions(
    AskTimeout Ask, AskTimeout Lookup, TimeSpan ConnectionTimeout, TimeSpan NetworkTimeout, int MaxMessageBytes, long MaxOutboxBytes,
    long MaxBacklogBytes, long MaxBufferBytes, TimeSpan ReconnectMinPause, TimeSpan ReconnectMaxPause, TimeSpan KeepAliveInterval, TimeSpan KeepAliveTimeout)
{
    /// <summary>Time that a stopping env waits for peers to receive sent messages.</summary>
    public static readonly TimeSpan FlushTime = TimeSpan.FromSeconds(2);

    /// <summary>Maximum size of received but unhandled messages of one peer, for all endpoints together; above it reading from that peer pauses.</summary>
    public long MaxUnreadBytes => 4 * Math.Clamp(MaxBacklogBytes, SendWindow.InitialBytes, long.MaxValue / 4);

    /// <summary>Reads the settings.</summary>
    /// <exception cref="SparkException">The keep-alive interval is not shorter than the timeout.</exception>
    public static TransportOptions From(SparkConf conf)
    {
        var (interval, timeout) = (conf.Get(CoreKeys.KeepAliveInterval), conf.Get(CoreKeys.KeepAliveTimeout));
        if (interval >= timeout)
            throw new SparkException(
                $"{CoreKeys.KeepAliveInterval.Key} ({AskTimeout.Format(interval)}) must be shorter than {CoreKeys.KeepAliveTimeout.Key} ({AskTimeout.Format(timeout)}), "
                    + "and shorter than that of every peer: keep-alives would arrive too late.");
        return Read(conf);
    }

    private static TransportOptions Read(SparkConf conf) => new(
        Fallback(conf, CoreKeys.AskTimeout), Fallback(conf, CoreKeys.LookupTimeout), conf.Get(CoreKeys.ConnectionTimeout),
        conf.Get(CoreKeys.NetworkTimeout), (int)Math.Min(conf.Get(CoreKeys.MessageMaxSize), Array.MaxLength / 2), conf.Get(CoreKeys.OutboxMaxBytes),
        conf.Get(CoreKeys.BacklogMaxBytes), conf.Get(CoreKeys.BuffersMaxBytes), conf.Get(CoreKeys.ReconnectMinPause),
            conf.Get(CoreKeys.ReconnectMaxPause), conf.Get(CoreKeys.KeepAliveInterval), conf.Get(CoreKeys.KeepAliveTimeout));

    private static AskTimeout Fallback(SparkConf conf, ConfigEntry<TimeSpan> entry)
    {
        var (timeout, key) = CoreKeys.TimeoutOf(conf, entry);
        return new AskTimeout(timeout, key);
    }
}
