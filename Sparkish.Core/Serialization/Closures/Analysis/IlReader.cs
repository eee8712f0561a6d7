#pragma warning disable MA0048 // the reader yields instructions
using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;

namespace Sparkish.Serialization.Closures.Analysis;

/// <summary>An instruction: its position, its token or variable number, and its jump targets.</summary>
internal sealed record IlInstruction(OpCode OpCode, int Offset, int Operand, int[] Targets)
{
    public ILOpCode Code => (ILOpCode)(ushort)OpCode.Value;

    /// <summary>Whether the operand is the token of a member, type, text or signature.</summary>
    public bool HasToken => OpCode.OperandType is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok
        or OperandType.InlineType or OperandType.InlineString or OperandType.InlineSig;
}

/// <summary>Reads the instructions of a method.</summary>
internal static class IlReader
{
    private const byte TwoBytes = 0xFE;

    private static readonly OpCode[] Short = new OpCode[256];
    private static readonly OpCode[] Long = new OpCode[256];

    static IlReader()
    {
        foreach (var field in typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            if (field.GetValue(null) is not OpCode code) continue;
            (code.Size == 1 ? Short : Long)[code.Value & 0xFF] = code;
        }
    }

    /// <summary>The instructions in the order of the code; empty for a method without a body.</summary>
    public static IReadOnlyList<IlInstruction> Read(MethodBody? body)
    {
        var il = body?.GetILAsByteArray() ?? [];
        var instructions = new List<IlInstruction>();
        for (var position = 0; position < il.Length;)
        {
            var start = position;
            var code = il[position] == TwoBytes ? Long[il[++position]] : Short[il[position]];
            position++;
            var operand = il.AsSpan(position);
            var next = position + SizeOf(code, operand);
            instructions.Add(new IlInstruction(code, start, OperandOf(code, operand), TargetsOf(code, operand, next)));
            position = next;
        }

        return instructions;
    }

    private static int OperandOf(OpCode code, ReadOnlySpan<byte> operand) => code.OperandType switch
    {
        OperandType.ShortInlineVar => operand[0],
        OperandType.InlineVar => BinaryPrimitives.ReadUInt16LittleEndian(operand),
        OperandType.InlineNone or OperandType.ShortInlineI or OperandType.ShortInlineBrTarget => 0,
        _ => BinaryPrimitives.ReadInt32LittleEndian(operand),
    };

    private static int[] TargetsOf(OpCode code, ReadOnlySpan<byte> operand, int next)
    {
        switch (code.OperandType)
        {
            case OperandType.ShortInlineBrTarget: return [next + (sbyte)operand[0]];
            case OperandType.InlineBrTarget: return [next + BinaryPrimitives.ReadInt32LittleEndian(operand)];
            case OperandType.InlineSwitch:
                var targets = new int[BinaryPrimitives.ReadInt32LittleEndian(operand)];
                for (var i = 0; i < targets.Length; i++) targets[i] = next + BinaryPrimitives.ReadInt32LittleEndian(operand[(4 * (i + 1))..]);
                return targets;
            default: return [];
        }
    }

    private static int SizeOf(OpCode code, ReadOnlySpan<byte> operand) => code.OperandType switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * BinaryPrimitives.ReadInt32LittleEndian(operand)),
        _ => 4,
    };
}
