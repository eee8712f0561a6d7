using Sparkish.Configuration;

namespace Sparkish.Rpc.Handshakes;

/// <summary>Limits on the number and age of unauthenticated connections.</summary>
/// <param name="Places">The handshakes that go on at once.</param>
/// <param name="FirstByte">How long a connection may say nothing.</param>
/// <param name="Patience">How long a connection that has spoken waits for a place.</param>
/// <param name="Guests">The open connections of peers that the node does not trust: strangers to its secret, who proved another one or none.</param>
internal sealed record AdmissionLimits(int Places, TimeSpan FirstByte, TimeSpan Patience, int Guests = 4096)
{
    /// <summary>The age at which a handshake yields its slot to a waiting connection.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);

    /// <summary>Maximum number of connections that wait for their first byte or for a slot. Each costs little more than a socket.</summary>
    public int Held => (int)Math.Min(int.MaxValue, 8L * Places);

    /// <summary>Maximum number of waiting connections from one source.</summary>
    public int HeldPerSource => Math.Max(1, Held / 2);

    /// <summary>The slots reserved for sources of authenticated peers.</summary>
    public int Reserved => Places / 8;

    /// <summary>Maximum number of slots of one source.</summary>
    public int PerSource => Places - (Places / 4);

    /// <summary>The most open connections of guests from one source.</summary>
    public int GuestsPerSource => Guests - (Guests / 4);

    /// <summary>Reads the settings.</summary>
    public static AdmissionLimits From(SparkConf conf)
    {
        var patience = conf.Get(CoreKeys.ConnectionTimeout);
        var firstByte = conf.Get(SecurityKeys.FirstByteTimeout);
        return new AdmissionLimits(
            conf.Get(SecurityKeys.MaxHandshakes), firstByte < patience ? firstByte : patience, patience, conf.Get(SecurityKeys.MaxConnections));
    }
}
