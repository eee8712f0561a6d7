using System.Threading.Channels;
using Sparkish.Rpc.Handshakes;
using Sparkish.Security;

namespace Sparkish.Akka.Channels;

/// <summary>The channels that other nodes open to this one's gate.</summary>
internal sealed class AkkaListener(SecurityManager security, TlsIdentity tls) : IChannelListener
{
    private readonly Channel<AkkaChannel> _arrived = Channel.CreateUnbounded<AkkaChannel>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Takes a channel; called by the gate.</summary>
    public void Accept(AkkaChannel channel)
    {
        if (!_arrived.Writer.TryWrite(channel)) channel.Dispose();
    }

    public async ValueTask<IIncomingChannel?> AcceptAsync() =>
        await _arrived.Reader.WaitToReadAsync().ConfigureAwait(false) && _arrived.Reader.TryRead(out var channel) ? new Incoming(channel, security, tls) : null;

    public void Dispose() => _arrived.Writer.TryComplete();

    private sealed class Incoming(AkkaChannel channel, SecurityManager security, TlsIdentity tls) : IIncomingChannel
    {
        public string Remote => channel.Remote;

        public string Source => channel.Host;

        public Task<bool> WhenSpokenAsync() => channel.WhenSpokenAsync();

        public async ValueTask<OpenedChannel> OpenAsync(CancellationToken cancellationToken) =>
            await PeerChannel.AcceptAsync(channel, security, tls, cancellationToken).ConfigureAwait(false);

        public void Dispose() => channel.Dispose();
    }
}
