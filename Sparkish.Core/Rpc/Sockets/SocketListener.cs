using System.Net;
using System.Net.Sockets;
using Sparkish.Rpc.Handshakes;
using Sparkish.Security;

namespace Sparkish.Rpc.Sockets;

/// <summary>The listening socket of an env.</summary>
internal sealed class SocketListener : IChannelListener
{
    private const int Backlog = 2048;
    private const int FirstUnprivilegedPort = 1024;
    private const int MaxPort = 65535;

    private readonly Socket _socket;
    private readonly SecurityManager _security;

    private SocketListener(Socket socket, SecurityManager security) => (_socket, _security) = (socket, security);

    /// <summary>The bound address.</summary>
    public IPEndPoint Bound => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>The advertised address: the bound one, unless the options set another one; a generated one if the env does not listen.</summary>
    public static RpcAddress AddressOf(SocketListener? listener, RpcEnvOptions options) => listener is null
        ? new RpcAddress($"client-{Guid.NewGuid():N}", 0)
        : new RpcAddress(AdvertisedHost(options), options.AdvertisedPort ?? listener.Bound.Port);

    /// <summary>Binds the address of the options.</summary>
    /// <exception cref="SparkException">The address cannot be bound, or may not be; the message gives the reason and advice.</exception>
    public static SocketListener Bind(RpcEnvOptions options, SecurityManager security)
    {
        if (options.BindHost.Length == 0) throw new ArgumentException("RpcEnvOptions.BindHost is empty: name a host or an address of this machine.", nameof(options));
        var address = Resolve(options);
        security.CheckExposure(options.Name, options.BindHost, address, options.Conf);
        for (var retry = 0; ; retry++)
        {
            var port = PortOf(options.Port, retry);
            try
            {
                return new SocketListener(Open(address, port), security);
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

    public async ValueTask<IIncomingChannel?> AcceptAsync()
    {
        try
        {
            return new IncomingSocket(await _socket.AcceptAsync().ConfigureAwait(false), _security);
        }
        catch (Exception error) when (error is ObjectDisposedException
            or SocketException { SocketErrorCode: SocketError.OperationAborted or SocketError.Interrupted or SocketError.InvalidArgument })
        {
            return null;
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>Like Spark, counts up from the given port, and after the last port continues with the first one that needs no privileges.</summary>
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

    /// <summary>A socket that was accepted.</summary>
    private sealed class IncomingSocket : IIncomingChannel
    {
        private const string Unknown = "an unknown address";
        private const int NetworkBytes = 8;

        private readonly Socket _socket;
        private readonly SecurityManager _security;

        public IncomingSocket(Socket socket, SecurityManager security)
        {
            (_socket, _security) = (socket, security);
            var remote = RemoteOf(socket);
            Remote = remote?.ToString() ?? Unknown;
            Source = SourceOf(remote);
        }

        public string Remote { get; }

        public string Source { get; }

        /// <summary>A failure is a result here and not an exception: under a flood of connections, exceptions would dominate the cost.</summary>
        public Task<bool> WhenSpokenAsync()
        {
            var spoken = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            var peek = new SocketAsyncEventArgs(true) { SocketFlags = SocketFlags.Peek, UserToken = spoken };
            peek.SetBuffer(new byte[1]);
            peek.Completed += static (_, peek) => Complete(peek);
            try
            {
                if (!_socket.ReceiveAsync(peek)) Complete(peek);
            }
            catch (ObjectDisposedException)
            {
                spoken.TrySetResult(false);
            }

            return spoken.Task;
        }

        public async ValueTask<OpenedChannel> OpenAsync(CancellationToken cancellationToken)
        {
            _socket.NoDelay = true;
            _socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            return await ChannelOpener.AcceptAsync(_socket, _security, cancellationToken).ConfigureAwait(false);
        }

        public void Dispose() => _socket.Dispose();

        private static void Complete(SocketAsyncEventArgs peek)
        {
            var hasSpoken = peek is { SocketError: SocketError.Success, BytesTransferred: > 0 };
            ((TaskCompletionSource<bool>)peek.UserToken!).TrySetResult(hasSpoken);
            peek.Dispose();
        }

        private static EndPoint? RemoteOf(Socket socket)
        {
            try
            {
                return socket.RemoteEndPoint;
            }
            catch (SocketException)
            {
                return null; // it has gone already
            }
        }

        /// <summary>The IPv4 address, or the network of an IPv6 address: one machine may use all addresses of its network.</summary>
        private static string SourceOf(EndPoint? remote)
        {
            if (remote is not IPEndPoint { Address: var address }) return Unknown;
            if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
            if (IPAddress.IsLoopback(address)) return "127.0.0.1";
            if (address.AddressFamily == AddressFamily.InterNetwork) return address.ToString();
            var bytes = address.GetAddressBytes();
            bytes.AsSpan(NetworkBytes).Clear();
            return $"{new IPAddress(bytes)}/64";
        }
    }
}
