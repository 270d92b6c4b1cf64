// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.mpi;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** How the other ranks find rank 0, and it knows that it is them: it waits at a port, and has told them a secret over MPI. */
final class Roster {
    private static final int SECRET = 16;
    private static final int CONNECT_MILLIS = 3000;
    private static final int ACCEPT_MILLIS = 30_000;

    private Roster() {}

    /** An address to call, and what to say there. */
    record Meeting(int port, byte[] secret, List<byte[]> addresses) {
        static Meeting at(ServerSocket server) throws IOException {
            byte[] secret = new byte[SECRET];
            new SecureRandom().nextBytes(secret);
            List<byte[]> addresses = new ArrayList<>();
            for (NetworkInterface network : Collections.list(NetworkInterface.getNetworkInterfaces())) {
                for (InetAddress address : Collections.list(network.getInetAddresses())) {
                    // On this machine the loopback answers at once; an IPv6 link-local address needs a name of the interface.
                    if (network.isUp() && !address.isLinkLocalAddress()) {
                        addresses.add(address.isLoopbackAddress() ? 0 : addresses.size(), address.getAddress());
                    }
                }
            }
            return new Meeting(server.getLocalPort(), secret, addresses);
        }

        byte[] encoded() throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            out.writeInt(port);
            out.write(secret);
            out.writeInt(addresses.size());
            for (byte[] address : addresses) {
                out.writeInt(address.length);
                out.write(address);
            }
            return bytes.toByteArray();
        }

        static Meeting decoded(byte[] encoded) throws IOException {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(encoded));
            int port = in.readInt();
            byte[] secret = in.readNBytes(SECRET);
            List<byte[]> addresses = new ArrayList<>();
            for (int left = in.readInt(); left > 0; left--) {
                addresses.add(in.readNBytes(in.readInt()));
            }
            return new Meeting(port, secret, addresses);
        }
    }

    /** On rank 0: connections to all others, by rank; none at 0. */
    static List<Link> accept(ServerSocket server, Meeting meeting, int count) throws IOException {
        Link[] links = new Link[count];
        server.setSoTimeout(ACCEPT_MILLIS);
        for (int missing = count - 1; missing > 0;) {
            Link link = new Link(server.accept());
            int rank = greeted(link, meeting);
            if (rank > 0 && rank < count && links[rank] == null) {
                link.out().writeByte(1);
                links[rank] = link;
                missing--;
            } else {
                link.close();
            }
        }
        return Collections.unmodifiableList(Arrays.asList(links));
    }

    private static int greeted(Link link, Meeting meeting) {
        try {
            byte[] secret = link.in().readNBytes(SECRET);
            int rank = link.in().readInt();
            return MessageDigest.isEqual(secret, meeting.secret) ? rank : -1;
        } catch (IOException e) {
            return -1;
        }
    }

    /** On another rank: the connection to rank 0. */
    static Link call(Meeting meeting, int rank) throws IOException {
        List<String> tried = new ArrayList<>();
        for (byte[] bytes : meeting.addresses) {
            InetAddress address = InetAddress.getByAddress(bytes);
            Socket socket = new Socket();
            try {
                socket.connect(new InetSocketAddress(address, meeting.port), CONNECT_MILLIS);
                Link link = new Link(socket);
                link.out().write(meeting.secret);
                link.out().writeInt(rank);
                link.in().readByte();
                return link;
            } catch (IOException e) {
                tried.add(address.getHostAddress() + ": " + e.getMessage());
                socket.close();
            }
        }
        throw new IOException("rank " + rank + " cannot reach rank 0 at port " + meeting.port + " (" + String.join("; ", tried)
                + ")");
    }
}
