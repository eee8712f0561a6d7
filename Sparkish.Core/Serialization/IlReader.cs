#pragma warning disable MA0048 // an instruction is what the reader yields
using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.InteropServices;

namespace Sparkish.Serialization;

/// <summary>An instruction; the token of the member, type, text or signature it names, or zero.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct IlInstruction(OpCode OpCode, int Token);

/// <summary>Reads the instructions of a method.</summary>
internal static class IlReader
{
    private const byte TwoBytes = 0xFE;

    private static readonly OpCode[] Short = new OpCode[256];
    private static readonly OpCode[] Long = new OpCode[256];

#pragma warning disable CA1810 // both tables are filled in one pass
    static IlReader()
    {
        foreach (var field in typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            if (field.GetValue(null) is not OpCode code) continue;
            (code.Size == 1 ? Short : Long)[code.Value & 0xFF] = code;
        }
    }
#pragma warning restore CA1810

    /// <summary>The instructions in the order of the code; none for a method without a body.</summary>
    public static IEnumerable<IlInstruction> Read(MethodBase method)
    {
        var il = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (var position = 0; position < il.Length;)
        {
            var code = il[position] == TwoBytes ? Long[il[++position]] : Short[il[position]];
            position++;
            var operand = il.AsSpan(position);
            yield return new IlInstruction(code, HasToken(code) ? BinaryPrimitives.ReadInt32LittleEndian(operand) : 0);
            position += SizeOf(code, il, position);
        }
    }

    private static bool HasToken(OpCode code) =>
        code.OperandType is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok
            or OperandType.InlineType or OperandType.InlineString or OperandType.InlineSig;

    private static int SizeOf(OpCode code, byte[] il, int position) => code.OperandType switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * BinaryPrimitives.ReadInt32LittleEndian(il.AsSpan(position))),
        _ => 4,
    };
}
