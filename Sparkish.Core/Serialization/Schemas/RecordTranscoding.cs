#pragma warning disable MA0048 // a member is a part of the record
using Sparkish.Serialization.Rows.Records;

namespace Sparkish.Serialization.Schemas;

/// <summary>The treatment of a stored member.</summary>
/// <param name="From">The stored member.</param>
/// <param name="To">The number of the current member; -1 if that member no longer exists.</param>
/// <param name="Value">Converts the value; null if it is skipped.</param>
internal sealed record MemberTranscoding(SchemaNode From, int To, Transcoding? Value);

/// <summary>
/// Converts a record member by member, in the order in which they were written. If the current order differs, the members are written consecutively first and
/// then rearranged. Created before its members, since a record may contain itself.
/// </summary>
internal sealed class RecordTranscoding(RecordNode from, RecordNode to) : Transcoding
{
    private MemberTranscoding[] _members = [];
    private byte[][] _defaults = [];
    private bool _isInOrder;

    /// <summary>Sets the members.</summary>
    /// <param name="members">All stored ones.</param>
    /// <param name="defaults">The bytes of each current member that was not stored.</param>
    public void Set(MemberTranscoding[] members, byte[][] defaults)
    {
        (_members, _defaults) = (members, defaults);
        var kept = members.Select(static member => member.To).Where(static to => to >= 0).ToArray();
        _isInOrder = kept.SequenceEqual(kept.Order());
    }

    public override void Run(ref SchemaInput input, ByteWriter output)
    {
        input.Enter();
        if (Begin(ref input, output))
        {
            var start = to.IsExtensible ? output.BeginPart() : 0;
            if (_isInOrder) WriteInOrder(ref input, output);
            else WriteRearranged(ref input, output);
            if (to.IsExtensible) output.EndPart(start);
        }

        input.Leave();
    }

    private bool Begin(ref SchemaInput input, ByteWriter output)
    {
        var isThere = from.Begin(ref input);
        if (to.IsClass) output.WriteByte(isThere ? (byte)RecordTag.Exact : (byte)RecordTag.Null);
        else if (!isThere) throw new SerializationException($"The input holds null for what is now a {to}, which cannot be null.");
        return isThere;
    }

    private void WriteInOrder(ref SchemaInput input, ByteWriter output)
    {
        var next = 0;
        foreach (var member in _members)
        {
            if (member.Value is null)
            {
                member.From.Skip(ref input);
                continue;
            }

            while (next < member.To) output.WriteRaw(_defaults[next++]);
            member.Value.Run(ref input, output);
            next++;
        }

        while (next < _defaults.Length) output.WriteRaw(_defaults[next++]);
    }

    private void WriteRearranged(ref SchemaInput input, ByteWriter output)
    {
        var start = output.Length;
        var parts = new (int Start, int End)[_defaults.Length];
        foreach (var member in _members)
        {
            if (member.Value is null)
            {
                member.From.Skip(ref input);
                continue;
            }

            var at = output.Length - start;
            member.Value.Run(ref input, output);
            parts[member.To] = (at, output.Length - start);
        }

        var written = output.WrittenSpan[start..].ToArray();
        output.Truncate(start);
        var stored = _members.Where(static member => member.Value is not null).Select(static member => member.To).ToHashSet();
        for (var i = 0; i < parts.Length; i++)
            output.WriteRaw(stored.Contains(i) ? written.AsSpan(parts[i].Start, parts[i].End - parts[i].Start) : _defaults[i]);
    }
}
