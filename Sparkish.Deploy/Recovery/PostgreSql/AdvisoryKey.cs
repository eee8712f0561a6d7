using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Sparkish.Deploy.Recovery.PostgreSql;

/// <summary>The number of an advisory lock. All users of a database share these numbers, so ours are drawn from the whole range.</summary>
internal static class AdvisoryKey
{
    public static long Of(string subject, string name) =>
        BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"sparkish/{subject}/{name}")));
}
