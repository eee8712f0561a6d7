using System.Buffers.Binary;
using System.Text;
using Sparkish.Serialization.Rows;

namespace Sparkish.Akka.Persistence.Plugins;

/// <summary>
/// The checksum of bytes at a place of a store: CRC-32C of the persistence id, the number and the bytes. So a copy elsewhere has another one.
/// </summary>
internal static class StoredChecksum
{
    public static uint Of(string persistenceId, long number, ReadOnlySpan<byte> bytes)
    {
        Span<byte> place = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(place, number);
        return Crc32C.Of(Crc32C.Of(Crc32C.Of(0, Encoding.UTF8.GetBytes(persistenceId)), place), bytes);
    }
}
