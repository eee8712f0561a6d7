using System.Net.Sockets;

namespace Sparkish.Rpc.Handshakes;

/// <summary>Takes what connects to an env: a bounded number of handshakes at a time, each connection then served by a task of its own.</summary>
internal sealed class Acceptor(ChannelContext context, IChannelListener listener, IConnectionAcceptor owner, int maxHandshakes)
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private TaskCompletionSource<bool>? _place;
    private int _handshakes;

    /// <summary>Accepts until the listener is disposed.</summary>
    public async Task RunAsync()
    {
        while (true)
        {
            // Each handshake ends within its timeout, so that this does too.
            await WhenPlaceAsync().ConfigureAwait(false);
            IIncomingChannel? incoming;
            try
            {
                incoming = await listener.AcceptAsync().ConfigureAwait(false);
            }
            catch (SocketException error)
            {
                // Such as too many open files: others may still be served, and room may come back.
                GivePlaceBack();
                context.Log.AcceptFailed(error);
                await Task.Delay(PauseAfterFailure, context.Time).ConfigureAwait(false);
                continue;
            }

            if (incoming is null) return;
            context.Tasks.Run(() => ServeAsync(incoming));
        }
    }

    private async Task ServeAsync(IIncomingChannel incoming)
    {
        IChannel? channel;
        Func<IChannel, Task>? serve;
        try
        {
            (channel, serve) = await Greeting.AcceptAsync(context, incoming, owner).ConfigureAwait(false);
        }
        finally
        {
            GivePlaceBack();
        }

        if (channel is null || serve is null) return;
        using (channel) await serve(channel).ConfigureAwait(false);
    }

    private Task WhenPlaceAsync()
    {
        lock (_lock)
        {
            if (_handshakes++ < maxHandshakes) return Task.CompletedTask;
            _place = context.Tasks.NewCompletion();
            return _place.Task;
        }
    }

    private void GivePlaceBack()
    {
        TaskCompletionSource<bool>? place;
        lock (_lock)
        {
            _handshakes--;
            place = _place;
            _place = null;
        }

        place?.SetResult(true);
    }
}
