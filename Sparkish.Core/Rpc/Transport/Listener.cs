using System.Net;
using System.Net.Sockets;
using Sparkish.Configuration;
using Sparkish.Security;

namespace Sparkish.Rpc.Transport;

/// <summary>The listening socket of an env: binds, accepts, shakes hands and hands connections over.</summary>
internal sealed class Listener : IDisposable
{
    private const int Backlog = 512;
    private const int FirstUnprivilegedPort = 1024;
    private const int MaxPort = 65535;

    private readonly Socket _socket;
    private readonly SemaphoreSlim _handshakes;

    private Listener(Socket socket, int maxHandshakes)
    {
        _socket = socket;
        _handshakes = new SemaphoreSlim(maxHandshakes);
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Bound => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>The address that a node tells peers: where it listens, unless the options advertise another one; made up where it does not listen.</summary>
    public static RpcAddress AddressOf(Listener? listener, RpcEnvOptions options) => listener is null
        ? new RpcAddress($"client-{Guid.NewGuid():N}", 0)
        : new RpcAddress(AdvertisedHost(options), options.AdvertisedPort ?? listener.Bound.Port);

    /// <summary>Binds as the options say.</summary>
    /// <exception cref="SparkException">The address cannot be bound, or may not; the message says why and what to do.</exception>
    public static Listener Bind(RpcEnvOptions options, SecurityManager security)
    {
        var address = Resolve(options);
        security.CheckExposure(options.Name, options.BindHost, address, options.Conf);
        var maxHandshakes = options.Conf.Get(SecurityKeys.MaxHandshakes);
        for (var retry = 0; ; retry++)
        {
            var port = PortOf(options.Port, retry);
            try
            {
                return new Listener(Open(address, port), maxHandshakes);
            }
            catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse && retry < options.PortMaxRetries)
            {
                // The next port may be free.
            }
            catch (SocketException error)
            {
                throw new SparkException(Explain(options, port, error), error);
            }
        }
    }

    /// <summary>Accepts until it is disposed; each connection is greeted and then served by its own task.</summary>
    public async Task RunAsync(SocketContext context, IConnectionAcceptor acceptor)
    {
        while (true)
        {
            // Each handshake ends within its timeout, so that this does too.
            await _handshakes.WaitAsync().ConfigureAwait(false);
            Socket accepted;
            try
            {
                accepted = await _socket.AcceptAsync().ConfigureAwait(false);
            }
            catch (Exception error) when (error is ObjectDisposedException
                or SocketException { SocketErrorCode: SocketError.OperationAborted or SocketError.Interrupted or SocketError.InvalidArgument })
            {
                return;
            }
            catch (SocketException error)
            {
                // Such as too many open files: others may still be served, and room may come back.
                _handshakes.Release();
                context.Log.AcceptFailed(error);
                await Task.Delay(TimeSpan.FromMilliseconds(100), context.Time).ConfigureAwait(false);
                continue;
            }

            context.Tasks.Run(() => GreetAsync(context, accepted, acceptor));
        }
    }

    public void Dispose() => _socket.Dispose();

    private async Task GreetAsync(SocketContext context, Socket socket, IConnectionAcceptor acceptor)
    {
        Channel? channel;
        Func<Channel, Task>? serve;
        try
        {
            (channel, serve) = await Greeter.GreetAsync(context, socket, acceptor).ConfigureAwait(false);
        }
        finally
        {
            _handshakes.Release();
        }

        if (channel is null || serve is null) return;
        using (channel) await serve(channel).ConfigureAwait(false);
    }

    /// <summary>Spark counts on from the given port, and beyond the last one from the first that needs no privileges.</summary>
    private static int PortOf(int first, int retry)
    {
        if (first == 0) return 0;
        var port = first + retry;
        return port <= MaxPort ? port : FirstUnprivilegedPort + ((port - FirstUnprivilegedPort) % (MaxPort + 1 - FirstUnprivilegedPort));
    }

    private static Socket Open(IPAddress address, int port)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Equals(IPAddress.IPv6Any)) socket.DualMode = true;
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(Backlog);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }

    private static string AdvertisedHost(RpcEnvOptions options)
    {
        if (options.AdvertisedHost is { Length: > 0 } given) return given.Trim('[', ']');
        var isAny = IPAddress.TryParse(options.BindHost, out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));
        return isAny ? Dns.GetHostName() : options.BindHost.Trim('[', ']');
    }

    private static string Explain(RpcEnvOptions options, int port, SocketException error)
    {
        var reason = error.SocketErrorCode == SocketError.AddressAlreadyInUse ? "the port is in use" : error.Message;
        var tried = port == options.Port ? "" : $" after {options.PortMaxRetries} retries (starting from {options.Port})";
        return $"Service '{options.Name}' cannot listen on {new RpcAddress(options.BindHost, port)}{tried}: {reason}. Choose another address or port (--host, --port, or the service's spark.*.port key; port 0 lets the system choose).";
    }

    private static IPAddress Resolve(RpcEnvOptions options)
    {
        if (IPAddress.TryParse(options.BindHost, out var literal)) return literal;
        try
        {
            var found = Dns.GetHostAddresses(options.BindHost);
            return Array.Find(found, address => address.AddressFamily == AddressFamily.InterNetwork) ?? found[0];
        }
        catch (Exception error) when (error is SocketException or IndexOutOfRangeException)
        {
            throw new SparkException(
                $"Service '{options.Name}' cannot listen on '{options.BindHost}': the host name cannot be resolved. Give an address of this machine.", error);
        }
    }
}
