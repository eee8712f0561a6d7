using System.Net;
using System.Security.Cryptography;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Sparkish.Rpc;
using Sparkish.Rpc.Handshakes;
using Sparkish.Rpc.Sockets;
using Sparkish.Security;
using Sparkish.Serialization.Messages;

namespace Sparkish.Deploy.Recovery.Raft;

/// <summary>
/// Carries the library's messages over Sparkish's own connections: the same TLS, certificates, proofs of the cluster's secret, admission limits and refusals as
/// those of an env with the role <c>master</c>. Beyond loopback it listens only with such protection.
/// </summary>
internal sealed class RaftTransport : IConnectionFactory, IConnectionListenerFactory, IConnectionListener, IConnectionAcceptor, IDisposable
{
    private const string ServiceName = "raft";

    private readonly RaftOptions _options;
    private readonly RaftPeers _peers;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly SecurityManager _security;
    private readonly SocketListener _listener;
    private readonly ChannelContext _context;
    private readonly SocketDialler _dialler;
    private readonly AdmissionLimits _limits;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<ConnectionContext> _accepted = Channel.CreateUnbounded<ConnectionContext>();
    private int _isListening;

    /// <summary>Binds the member's address.</summary>
    /// <exception cref="SparkException">The address cannot be bound, or may not be without protection; or a setting of security is wrong.</exception>
    public RaftTransport(RaftOptions options, RaftPeers peers, SparkConf conf, TimeProvider time, ILogger log)
    {
        (_options, _peers, _time, _log) = (options, peers, time, log);
        _security = SecurityManager.From(conf, log);
        try
        {
            _listener = SocketListener.Bind(
                new RpcEnvOptions(ServiceName, conf, new MessageRegistry()) { BindHost = options.Self.Host, Port = options.Self.Port }, _security);
        }
        catch
        {
            _security.Dispose();
            throw;
        }

        var self = new Hello(ConnectionKind.Messages, ServiceName, AddressOf(options.Self), BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8)) >>> 2 | 1,
            [ClusterRoles.Master]);
        _context = new ChannelContext(
            self, _security, options.Silence, options.AppendTimeout, time, new OwnedTasks(ServiceName, log), log, _stopping.Token)
        {
            CurrentName = () => peers.EnvName,
        };
        _dialler = new SocketDialler(_security);
        _limits = AdmissionLimits.From(conf);
    }

    public EndPoint EndPoint => _options.Self;

    public async ValueTask<ConnectionContext> ConnectAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var member = (DnsEndPoint)endpoint;
        var address = _options.Routes.TryGetValue(RaftOptions.Text(member), out var port) ? new RpcAddress("127.0.0.1", port) : AddressOf(member);
        try
        {
            var (channel, peer) = await Greeting.DialAsync(_context, _dialler, address, TakePeer, cancellationToken).ConfigureAwait(false);
            if (peer.Hello.Address == AddressOf(member)) return new RaftConnection(channel, endpoint, _options, _time);
            channel.Dispose();
            throw new IOException($"{peer.Hello.Address} answers at the address of {RaftOptions.Text(member)}: spark.deploy.raft.address must be the member's own.");
        }
        catch (Exception e) when (e is RpcConnectionException or IOException)
        {
            _log.PeerUnreachable(RaftOptions.Text(_options.Self), RaftOptions.Text(member), e.Message);
            throw;
        }

        bool TakePeer(Hello hello, long order)
        {
            CheckRole(hello);
            _peers.Take(hello);
            return true;
        }
    }

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _isListening, 1) == 0) _context.Tasks.Run(new Acceptor(_context, _listener, this, _limits).RunAsync);
        return new(this);
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _accepted.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_accepted.Reader.TryRead(out var connection)) return connection;
        }

        return null;
    }

    /// <summary>Decides about a peer whose handshake has succeeded.</summary>
    public ValueTask<Func<IChannel, Task>?> AdmitAsync(PeerIdentity peer)
    {
        if (_security.IsProtected && !_security.Trusts(peer.IsAuthenticated, peer.Realm))
            throw new HandshakeException("only a master that proves the cluster's secret or certificate may join the Raft group", tellPeer: true);
        CheckRole(peer.Hello);
        _peers.Take(peer.Hello);
        return new(async channel =>
        {
            var connection = new RaftConnection(channel, new DnsEndPoint(peer.Hello.Address.Host, peer.Hello.Address.Port), _options, _time);
            if (!_accepted.Writer.TryWrite(connection)) connection.Abort();
            await connection.Ended.ConfigureAwait(false);
        });
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _listener.Dispose();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        _accepted.Writer.TryComplete();
        while (_accepted.Reader.TryRead(out var connection)) connection.Abort();
        await _stopping.CancelAsync().ConfigureAwait(false);
    }

    /// <summary>Closes everything; after the library has stopped.</summary>
    public async Task CloseAsync()
    {
        await DisposeAsync().ConfigureAwait(false);
        await _context.Tasks.WhenAllAsync().ConfigureAwait(false);
        Release();
    }

    /// <summary>Closes a transport that was never used.</summary>
    public void Dispose()
    {
        _listener.Dispose();
        Release();
    }

    private void Release()
    {
        _stopping.Dispose();
        _security.Dispose();
    }

    private static RpcAddress AddressOf(DnsEndPoint member) => new(member.Host, member.Port);

    private static void CheckRole(Hello hello)
    {
        if (!hello.Roles.Contains(ClusterRoles.Master, StringComparer.Ordinal))
            throw new HandshakeException("it does not have the role of a master, so it cannot be a Raft member", tellPeer: true);
    }
}
