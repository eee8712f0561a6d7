#pragma warning disable MA0048 // a side and its two processes belong together
using Sparkish.Benchmarks.Peers.Comparing;

namespace Sparkish.Benchmarks.Peers.Sides;

/// <summary>One actor framework, or one way to use it.</summary>
internal abstract class PeerSide
{
    /// <summary>Its name in figures and on command lines.</summary>
    public abstract string Name { get; }

    /// <summary>Its name in tables.</summary>
    public abstract string Title { get; }

    /// <summary>Whether it can use a <see cref="PeerCertificate"/>.</summary>
    public virtual bool CanBeSecured => true;

    public virtual bool Has(PeerLoad load) => true;

    /// <summary>Starts actors for a client in another process.</summary>
    public abstract Task<IPeerServer> ServeAsync(PeerCertificate? certificate);

    /// <summary>Starts a client.</summary>
    /// <param name="address">The <see cref="IPeerServer.Address"/> of its server.</param>
    /// <param name="certificate">What both show and trust; null for connections without TLS.</param>
    public abstract Task<IPeerClient> ConnectAsync(string address, PeerCertificate? certificate);
}

/// <summary>The serving process.</summary>
internal interface IPeerServer : IAsyncDisposable
{
    /// <summary>Where clients find it; without spaces.</summary>
    string Address { get; }
}

/// <summary>The measuring process.</summary>
internal interface IPeerClient : IAsyncDisposable
{
    /// <summary>Runs a load and returns a value for each of its metrics.</summary>
    /// <exception cref="SparkException">A message was lost or changed.</exception>
    Task<double[]> MeasureAsync(PeerLoad load, TimeSpan duration);
}
